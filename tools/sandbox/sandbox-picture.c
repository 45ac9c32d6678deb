/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A small landscape in I420: sky, a sun on its way, three rows of hills that
 * pass by, the prompt below. Colours come from the prompt's hash. Text is
 * drawn once as a mask; only the clock is drawn for each frame. */
#include "sandbox-private.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#define LAYERS 4 /* sky and three rows of hills */

typedef struct {
  guint width, height, stride;
  guint8 *alpha;
} Mask;

typedef struct {
  double y, u, v;
} Colour;

struct _SandboxPicture {
  guint width, height;
  guint strides[2]; /* luma, chroma */
  guint32 hash;
  Colour colours[LAYERS];
  Mask text;
  Mask clock;
  int *hills[LAYERS]; /* heights by column */
};

static Colour
colour_of_hue (double hue, double luma, double depth)
{
  Colour colour = { luma, 128 + depth * cos (hue), 128 + depth * sin (hue) };

  return colour;
}

static void
mask_clear (Mask *mask)
{
  g_free (mask->alpha);
}

static void
mask_draw (Mask *mask, PangoLayout *layout, double x, double y)
{
  cairo_surface_t *surface = cairo_image_surface_create_for_data (
      mask->alpha, CAIRO_FORMAT_A8, (int)mask->width, (int)mask->height,
      (int)mask->stride);
  cairo_t *cairo = cairo_create (surface);

  cairo_move_to (cairo, x, y);
  pango_cairo_show_layout (cairo, layout);
  cairo_destroy (cairo);
  cairo_surface_destroy (surface);
}

static PangoLayout *
layout_new (const char *font, double size, guint width, const char *text)
{
  PangoFontMap *map = pango_cairo_font_map_get_default ();
  PangoContext *context = pango_font_map_create_context (map);
  PangoLayout *layout = pango_layout_new (context);
  PangoFontDescription *description = pango_font_description_from_string (font);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_object_unref (context); /* the layout has it */
  pango_font_description_set_absolute_size (description, size * PANGO_SCALE);
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (layout, (int)width * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  /* set_text, not set_markup: a prompt is never markup. */
  pango_layout_set_text (layout, valid, -1);
  return layout;
}

static int
layout_height (PangoLayout *layout)
{
  int height = 0;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static void
mask_init (Mask *mask, guint width, guint height)
{
  mask->width = width;
  mask->height = height;
  mask->stride
      = (guint)cairo_format_stride_for_width (CAIRO_FORMAT_A8, (int)width);
  mask->alpha = g_malloc0 ((gsize)mask->stride * height);
}

/* The prompt, at most a third of the picture, and the line below it. */
static void
draw_text (SandboxPicture *p, const char *prompt, const char *info)
{
  guint side = MIN (p->width, p->height);
  guint margin = side / 24;
  guint room = p->width - 2 * margin;
  g_autoptr (PangoLayout) words
      = layout_new ("Sans Bold", side / 19.0, room, prompt);
  g_autoptr (PangoLayout) line = layout_new ("Sans", side / 30.0, room, info);
  int height;

  pango_layout_set_height (words, (int)(p->height / 3) * PANGO_SCALE);
  pango_layout_set_height (line, -2);
  height = layout_height (words);
  mask_init (&p->text, p->width,
             (guint)(height + layout_height (line)) + 2 * margin);
  p->text.height = MIN (p->text.height, p->height);
  mask_draw (&p->text, words, margin, margin * 0.75);
  mask_draw (&p->text, line, margin, margin * 1.1 + height);
}

SandboxPicture *
sandbox_picture_new (guint width, guint height, const char *prompt,
                     const char *info, guint32 hash)
{
  SandboxPicture *p = g_new0 (SandboxPicture, 1);
  double hue = (hash & 0xffff) / 65536.0 * 2 * G_PI;

  p->width = width;
  p->height = height;
  p->strides[0] = (width + 3) & ~3u;
  p->strides[1] = ((width + 1) / 2 + 3) & ~3u;
  p->hash = hash;
  for (guint i = 0; i < LAYERS; i++) {
    p->colours[i]
        = colour_of_hue (hue + (i == 0 ? 0 : 1.6 + 0.45 * i),
                         i == 0 ? 165 : 150 - 34.0 * i, i == 0 ? 38 : 30);
    p->hills[i] = g_new0 (int, width);
  }
  draw_text (p, prompt, info);
  mask_init (&p->clock, width, MIN (width, height) / 12);
  return p;
}

void
sandbox_picture_free (SandboxPicture *p)
{
  if (p == NULL)
    return;
  mask_clear (&p->text);
  mask_clear (&p->clock);
  for (guint i = 0; i < LAYERS; i++)
    g_free (p->hills[i]);
  g_free (p);
}

gsize
sandbox_picture_size (const SandboxPicture *p)
{
  gsize rows = (p->height + 1) & ~1u;

  return p->strides[0] * rows + p->strides[1] * rows;
}

static void
shape_hills (SandboxPicture *p, double seconds)
{
  double side = MIN (p->width, p->height);

  for (guint i = 1; i < LAYERS; i++) {
    double speed = side * 0.07 * i;
    double base = p->height * (0.36 + 0.11 * i);
    double phase = (p->hash >> (4 * i)) % 64;
    for (guint x = 0; x < p->width; x++) {
      double at = (x + seconds * speed) / side + phase;
      p->hills[i][x] = (int)(base + side * 0.05 * sin (at * (3.1 + i))
                             + side * 0.022 * sin (at * (8.3 + 2 * i) + i));
    }
  }
}

static guint8
clamp (double value)
{
  return (guint8)CLAMP (value, 16, 235);
}

static void
paint_plane (SandboxPicture *p, guint8 *out, guint stride, guint step,
             double (*part) (const Colour *), double slope)
{
  for (guint y = 0; y < p->height; y += step, out += stride) {
    guint8 shade[LAYERS];
    for (guint i = 0; i < LAYERS; i++)
      shade[i] = clamp (part (&p->colours[i])
                        + slope * (y / (double)p->height - 0.4)
                              * (i == 0 ? 1 : -0.6));
    for (guint x = 0; x < p->width; x += step) {
      guint i = (int)y >= p->hills[3][x]   ? 3
                : (int)y >= p->hills[2][x] ? 2
                : (int)y >= p->hills[1][x] ? 1
                                           : 0;
      out[x / step] = shade[i];
    }
  }
}

static double
part_y (const Colour *c)
{
  return c->y;
}

static double
part_u (const Colour *c)
{
  return c->u;
}

static double
part_v (const Colour *c)
{
  return c->v;
}

static void
blend (guint8 *pixel, int value, int alpha)
{
  *pixel = (guint8)((*pixel * (255 - alpha) + value * alpha) / 255);
}

/* A disc with a soft edge, behind the hills. */
static void
paint_sun (SandboxPicture *p, guint8 *out, guint stride, guint step, int value,
           double seconds)
{
  double side = MIN (p->width, p->height);
  double radius = side * 0.085;
  double turn = fmod (seconds * 0.11 + (p->hash % 97) / 97.0, 1.0);
  double cx = p->width * (0.08 + 0.84 * turn);
  double cy = p->height * (0.33 - 0.17 * sin (turn * G_PI));
  int top = MAX (0, (int)(cy - radius - 2));
  int bottom = MIN ((int)p->height, (int)(cy + radius + 2));
  int left = MAX (0, (int)(cx - radius - 2));
  int right = MIN ((int)p->width, (int)(cx + radius + 2));

  top -= top % (int)step;
  left -= left % (int)step;
  for (int y = top; y < bottom; y += (int)step) {
    for (int x = left; x < right; x += (int)step) {
      double edge = radius - hypot (x - cx, y - cy);
      if (edge > 0 && y < p->hills[1][x])
        blend (out + (guint)y / step * stride + (guint)x / step, value,
               (int)(MIN (1, edge / 2) * 255));
    }
  }
}

/* Darkens the band below the mask and writes white into it. */
static void
paint_mask (const SandboxPicture *p, guint8 *pixels, const Mask *mask,
            guint top)
{
  gsize luma = (gsize)p->strides[0] * ((p->height + 1) & ~1u);
  gsize chroma = (gsize)p->strides[1] * ((p->height + 1) / 2);

  for (guint y = 0; y < mask->height; y++) {
    const guint8 *alpha = mask->alpha + (gsize)y * mask->stride;
    guint8 *row = pixels + (gsize)(top + y) * p->strides[0];
    guint8 *u = pixels + luma + (gsize)((top + y) / 2) * p->strides[1];
    for (guint x = 0; x < p->width; x++) {
      row[x] = (guint8)(16 + (row[x] - 16) * 2 / 5);
      if (alpha[x] > 0)
        blend (row + x, 235, alpha[x]);
      if (((top + y) | x) & 1 || alpha[x] == 0)
        continue;
      blend (u + x / 2, 128, alpha[x]);
      blend (u + chroma + x / 2, 128, alpha[x]);
    }
  }
}

static void
draw_clock (SandboxPicture *p, guint frame, guint fps)
{
  guint side = MIN (p->width, p->height);
  g_autofree char *text
      = g_strdup_printf ("%02u:%02u.%03u   frame %u", frame / fps / 60,
                         frame / fps % 60, frame % fps * 1000 / fps, frame);
  g_autoptr (PangoLayout) layout
      = layout_new ("Monospace", side / 28.0, p->width - side / 12, text);

  memset (p->clock.alpha, 0, (gsize)p->clock.stride * p->clock.height);
  mask_draw (&p->clock, layout, side / 24.0,
             ((int)p->clock.height - layout_height (layout)) / 2.0);
}

void
sandbox_picture_draw (SandboxPicture *p, guint8 *pixels, guint frame, guint fps)
{
  double seconds = frame / (double)fps;
  guint rows = (p->height + 1) & ~1u;
  guint8 *u = pixels + (gsize)p->strides[0] * rows;
  guint8 *v = u + (gsize)p->strides[1] * rows / 2;

  shape_hills (p, seconds);
  paint_plane (p, pixels, p->strides[0], 1, part_y, 90);
  paint_plane (p, u, p->strides[1], 2, part_u, 12);
  paint_plane (p, v, p->strides[1], 2, part_v, 12);
  paint_sun (p, pixels, p->strides[0], 1, 226, seconds);
  paint_sun (p, u, p->strides[1], 2, 92, seconds);
  paint_sun (p, v, p->strides[1], 2, 146, seconds);
  draw_clock (p, frame, fps);
  paint_mask (p, pixels, &p->clock, 0);
  paint_mask (p, pixels, &p->text, p->height - p->text.height);
}
