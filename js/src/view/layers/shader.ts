/*
 * The fragment shader: it evaluates every component at every occupied pixel and
 * mixes their colours by responsibility.
 *
 * Running log-sum-exp: one exponential per component, safe however far a
 * pixel is from all of them. OKLab as in the palette (Ottosson 2020).
 */

/** One triangle that covers the viewport. */
export const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

/** Three texels a component: constant and mean; whitened factor; colour. */
export const TEXELS = 3;

export const LOOK_CODES = { soft: 0, hard: 1, entropy: 2 } as const;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
uniform highp sampler2D u_alpha;
uniform highp sampler2D u_parts;
uniform int u_components;
uniform int u_look;
uniform int u_top;
uniform vec3 u_certain;
uniform vec3 u_unsure;
out vec4 o_colour;

vec3 srgb(vec3 lab) {
  float l = lab.x + 0.3963377774 * lab.y + 0.2158037573 * lab.z;
  float m = lab.x - 0.1055613458 * lab.y - 0.0638541728 * lab.z;
  float s = lab.x - 0.0894841775 * lab.y - 1.291485548 * lab.z;
  vec3 c = vec3(l * l * l, m * m * m, s * s * s);
  vec3 rgb = clamp(vec3(
    4.0767416621 * c.x - 3.3077115913 * c.y + 0.2309699292 * c.z,
    -1.2684380046 * c.x + 2.6097574011 * c.y - 0.3413193965 * c.z,
    -0.0041960863 * c.x - 0.7034186147 * c.y + 1.707614701 * c.z), 0.0, 1.0);
  vec3 curve = 1.055 * pow(rgb, vec3(1.0 / 2.4)) - 0.055;
  return mix(curve, 12.92 * rgb, lessThanEqual(rgb, vec3(0.0031308)));
}

void main() {
  ivec2 at = ivec2(int(gl_FragCoord.x), u_top - 1 - int(gl_FragCoord.y));
  float alpha = texelFetch(u_alpha, at, 0).r;
  if (alpha == 0.0) {
    o_colour = vec4(0.0);
    return;
  }
  float top = -1e30;
  float sum = 0.0;
  float below = 0.0; // sum of exp(v - top) * (v - top)
  vec3 mixed = vec3(0.0);
  vec3 first = vec3(0.0);
  for (int k = 0; k < u_components; k++) {
    vec4 place = texelFetch(u_parts, ivec2(0, k), 0);
    vec4 factor = texelFetch(u_parts, ivec2(1, k), 0);
    vec3 colour = texelFetch(u_parts, ivec2(2, k), 0).rgb;
    float z1 = (float(at.x) - place.y) * factor.x;
    float z2 = (float(at.y) - place.z - factor.y * z1) * factor.z;
    float value = place.x - 0.5 * (z1 * z1 + z2 * z2);
    if (value > top) {
      float fall = exp(max(top - value, -80.0));
      if (sum > 0.0) below = fall * (below + sum * (top - value));
      sum = sum * fall + 1.0;
      mixed = mixed * fall + colour;
      first = colour;
      top = value;
    } else {
      float share = exp(max(value - top, -80.0));
      sum += share;
      mixed += share * colour;
      below += share * (value - top);
    }
  }
  vec3 lab = mixed / sum;
  if (u_look == 1) lab = first;
  if (u_look == 2) {
    float bits = (log(sum) - below / sum) / log(2.0);
    lab = mix(u_certain, u_unsure, clamp(bits, 0.0, 1.0));
  }
  o_colour = vec4(srgb(lab) * alpha, alpha);
}`;
