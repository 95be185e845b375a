"""What travels between kernel and browser: checked messages in, state and point streams out."""
