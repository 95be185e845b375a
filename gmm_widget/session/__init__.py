"""What is open on the table: a mixture, its points, its history, and the driver that runs EM.

Nothing here knows of Jupyter, so all of it is tested without a browser.
"""
