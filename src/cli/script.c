/* The gnuplot script: data in here-documents, then one panel for the measures and, where there is a trace, one for
 * its decay. */
#include "cli/plot.h"

#include <math.h>
#include <stdlib.h>

#include "cli/components.h"
#include "cli/labels.h"
#include "cli/message.h"

/* Target points that are drawn, at most; bins of a histogram. */
enum { TARGET_POINTS = 20000, MOST_BINS = 60 };

/* What the x and y of a picture are: a coordinate of the points, or a principal component. */
typedef struct view {
  int64_t dim;
  cli_components components; /* only where dim > 2 */
} view;

static double coordinate(const view *v, int axis, const double *point) {
  return v->dim > 2 ? cli_component(&v->components, axis, point) : point[axis];
}

/* ---- data ---- */

typedef enum selection { ALL, ALIVE, DEAD } selection;

static int64_t write_points(FILE *script, const char *name, const view *v, const ift_measure *measure, selection which,
                            int64_t most) {
  const int64_t n = ift_measure_size(measure), stride = n > most ? (n - 1) / most + 1 : 1;
  const double *x = ift_measure_positions(measure), *w = ift_measure_weights(measure);
  int64_t count = 0;
  fprintf(script, "$%s << EOD\n", name);
  for (int64_t i = 0; i < n; i += stride) {
    if ((which == ALIVE && w[i] == 0) || (which == DEAD && w[i] > 0)) continue;
    const double *point = x + i * v->dim;
    fprintf(script, "%.9g %.9g %.9g\n", coordinate(v, 0, point), v->dim > 1 ? coordinate(v, 1, point) : 0, w[i]);
    count++;
  }
  fputs("EOD\n", script);
  return count;
}

/* The share of the target's mass in bins of equal width; Scott's choice of the number would need more thought than a
 * picture is worth, the square root of n does well. */
static void write_histogram(FILE *script, const ift_measure *target) {
  const int64_t n = ift_measure_size(target);
  const double *x = ift_measure_positions(target), *w = ift_measure_weights(target), mass = ift_measure_mass(target);
  double low = x[0], high = x[0], share[MOST_BINS] = {0};
  for (int64_t i = 1; i < n; i++) low = fmin(low, x[i]), high = fmax(high, x[i]);
  const int bins = n < 36 ? 6 : n > MOST_BINS * MOST_BINS ? MOST_BINS : (int)sqrt((double)n);
  if (!(high > low)) high = low + 1;
  const double width = high / bins - low / bins;
  for (int64_t i = 0; i < n; i++) {
    const int bin = (int)((x[i] - low) / width);
    share[bin < bins ? bin : bins - 1] += w[i] / mass;
  }
  fputs("$target << EOD\n", script);
  for (int i = 0; i < bins; i++) fprintf(script, "%.9g %.9g %.9g\n", low + (i + 0.5) * width, share[i], width);
  fputs("EOD\n", script);
}

static bool positive(double value) {
  return isfinite(value) && value > 0;
}

/* Columns of $trace: step, energy, dissipation of the transport, of the reaction; a question mark is a missing
 * value. */
typedef struct curve {
  cli_column column;
  const char *title, *style;
  bool drawn;
} curve;

static void write_trace(FILE *script, const cli_trace *trace, curve *curves, int count) {
  fputs("$trace << EOD\n", script);
  for (int64_t i = 0; i < trace->row_count; i++) {
    fprintf(script, "%.9g", trace->rows[i].values[CLI_STEP]);
    for (int k = 0; k < count; k++) {
      const double value = trace->rows[i].values[curves[k].column];
      if (positive(value))
        fprintf(script, " %.9g", value);
      else
        fputs(" ?", script);
      curves[k].drawn = curves[k].drawn || positive(value);
    }
    fputc('\n', script);
  }
  fputs("EOD\nset datafile missing '?'\n", script);
}

/* ---- looks ---- */

static void write_head(FILE *script, cli_plot_format format, int width, int height) {
  fprintf(script, "# Drawn by ift %s. To see it: gnuplot -persist FILE.gp\n", ift_version_string());
  if (format == CLI_SVG)
    fprintf(script, "set terminal svg size %d,%d dynamic enhanced font 'Helvetica,14' background '#ffffff'\n", width,
            height);
  if (format == CLI_PNG)
    fprintf(script,
            "set terminal pngcairo size %d,%d enhanced font 'Helvetica,11' fontscale 1.7 linewidth 1.6 pointscale 1.6 "
            "background '#ffffff'\n",
            width * 8 / 5, height * 8 / 5);
  fputs("set encoding utf8\n"
        "set border 3 linecolor rgb '#5f6368' linewidth 1\n"
        "set tics nomirror out scale 0.5 textcolor rgb '#3c4043'\n"
        "set grid linetype 1 linewidth 0.6 linecolor rgb '#e8eaed'\n"
        "set key outside bottom center horizontal Left reverse samplen 1.5 width 1 textcolor rgb '#3c4043'\n"
        "set title textcolor rgb '#202124'\nset xlabel textcolor rgb '#3c4043'\nset ylabel textcolor rgb '#3c4043'\n"
        "set palette defined (0 '#c6dbef', 0.35 '#6baed6', 0.7 '#2171b5', 1 '#08306b')\n"
        "set colorbox user origin graph 1.025,0 size graph 0.02,1\n"
        "set cbtics scale 0.4 textcolor rgb '#3c4043'\n"
        "unset colorbox\nset bmargin 6\n",
        script);
}

/* set WHAT 'TEXT', whatever is in the text, quotes included. */
static void write_text(FILE *script, const char *what, const char *text) {
  fprintf(script, "set %s '", what);
  for (; *text; text++)
    if (*text == '\'')
      fputs("''", script);
    else if ((unsigned char)*text >= ' ')
      fputc(*text, script);
  fputs("' noenhanced\n", script);
}

static double largest_weight(const ift_measure *measure) {
  const double *w = ift_measure_weights(measure);
  double largest = 0;
  for (int64_t i = 0; i < ift_measure_size(measure); i++) largest = fmax(largest, w[i]);
  return largest;
}

/* Smaller dots for more of them. */
static double dot_size(int64_t count, double most) {
  const double size = most * pow(40.0 / (double)(count > 40 ? count : 40), 0.3);
  return size > 0.15 ? size : 0.15;
}

/* ---- panels ---- */

static void write_labels(FILE *script, const view *v, const char *path) {
  char names[2][CLI_LABEL] = {"x1", "x2"};
  if (v->dim > 2)
    for (int axis = 0; axis < 2; axis++)
      snprintf(names[axis], CLI_LABEL, "principal component %d, %.0f%% of the variance", axis + 1,
               100 * v->components.share[axis]);
  else if (!cli_labels_read(names, path, v->dim))
    for (int axis = 0; axis < 2; axis++) snprintf(names[axis], CLI_LABEL, "x%d", axis + 1);
  write_text(script, "xlabel", names[0]);
  write_text(script, "ylabel", v->dim > 1 ? names[1] : "share of the target's mass, by bin");
}

static void write_plane(FILE *script, const cli_picture *picture, int64_t alive, int64_t dead) {
  const double size = dot_size(alive + dead, 1.5);
  fprintf(
      script,
      "set cbrange [0:%.9g]\nset colorbox\nset rmargin 10\nset cblabel 'weight' offset 0.5 textcolor rgb '#3c4043'\n",
      largest_weight(picture->end));
  fprintf(script, "plot $target using 1:2 with points pt 7 ps %.3g lc rgb '#bcc3ca' title 'target'",
          dot_size(ift_measure_size(picture->target), 0.75));
  if (picture->start)
    fprintf(script, ", \\\n     $start using 1:2 with points pt 1 ps %.3g lw 1.3 lc rgb '#e08a3c' title 'start'",
            0.6 * size);
  if (dead > 0)
    fprintf(script, ", \\\n     $dead using 1:2 with points pt 6 ps %.3g lw 1.2 lc rgb '#80868b' title 'weight 0'",
            0.8 * size);
  fprintf(script,
          ", \\\n     $alive using 1:2 with points pt 7 ps %.3g lc rgb '#ffffff' notitle"
          ", \\\n     $alive using 1:2:3 with points pt 7 ps %.3g lc palette notitle"
          ", \\\n     NaN with points pt 7 ps %.3g lc rgb '#2171b5' title '%s'\n",
          1.3 * size, size, size > 1 ? 1.0 : size, picture->start ? "end" : "particles");
}

static void write_line(FILE *script, const cli_picture *picture, int64_t dead) {
  fputs("set style fill solid 1 noborder\nset ytics nomirror\nset y2tics textcolor rgb '#2171b5'\nset yrange [0:*]\n"
        "set y2range [0:*]\nset y2label 'weight of a particle' textcolor rgb '#2171b5'\nset border 11\nset offsets "
        "graph 0.03, "
        "graph 0.03, 0, 0\n"
        "plot $target using 1:2:3 with boxes lc rgb '#dadde1' title 'target', \\\n"
        "     $alive using 1:3 axes x1y2 with impulses lw 2 lc rgb '#2171b5' notitle, \\\n"
        "     $alive using 1:3 axes x1y2 with points pt 7 ps 0.7 lc rgb '#2171b5' title 'particles'",
        script);
  if (picture->start)
    fputs(", \\\n     $start using 1:(0) axes x1y2 with points pt 1 ps 0.8 lw 1.3 lc rgb '#e08a3c' title 'start'",
          script);
  if (dead > 0)
    fputs(", \\\n     $dead using 1:(0) axes x1y2 with points pt 6 ps 0.8 lc rgb '#80868b' title 'weight 0'", script);
  fputc('\n', script);
}

static void write_decay(FILE *script, const curve *curves, int count, double steps) {
  fprintf(script,
          "unset colorbox\nunset y2tics\nunset y2label\nset border 3\nset offsets 0, 0, 0, 0\nset autoscale\n"
          "set xlabel 'step'\nunset ylabel\nset rmargin 3\n"
          "set logscale y\nset format y '10^{%%T}'\nset xrange [0:%.9g]\nset title 'energy, and what transport and "
          "reaction dissipate' noenhanced\n",
          steps > 0 ? steps : 1);
  const char *before = "plot ";
  for (int k = 0; k < count; k++) {
    if (!curves[k].drawn) continue;
    fprintf(script, "%s$trace using 1:%d with lines %s title '%s'", before, k + 2, curves[k].style, curves[k].title);
    before = ", \\\n     ";
  }
  fputc('\n', script);
}

static bool any_drawn(const curve *curves, int count) {
  for (int k = 0; k < count; k++)
    if (curves[k].drawn) return true;
  return false;
}

bool cli_script_write(FILE *script, cli_plot_format format, const cli_picture *picture) {
  curve curves[] = {{CLI_ENERGY, "energy", "lw 2.2 lc rgb '#2171b5'", false},
                    {CLI_TRANSPORT_DISSIPATION, "transport", "lw 1.2 lc rgb '#e08a3c'", false},
                    {CLI_REACTION_DISSIPATION, "reaction", "lw 1.2 lc rgb '#5b8c5a'", false}};
  const int count = (int)(sizeof curves / sizeof curves[0]);
  const bool decay = picture->trace && picture->trace->row_count > 0;
  view v = {.dim = ift_measure_dim(picture->target)};
  if (v.dim > 2 && !cli_components_of(&v.components, picture->target)) return false;
  write_head(script, format, decay ? 1400 : 860, 640);
  if (v.dim == 1)
    write_histogram(script, picture->target);
  else
    write_points(script, "target", &v, picture->target, ALL, TARGET_POINTS);
  if (picture->start) write_points(script, "start", &v, picture->start, ALL, TARGET_POINTS);
  const int64_t alive = write_points(script, "alive", &v, picture->end, ALIVE, INT64_MAX);
  const int64_t dead = write_points(script, "dead", &v, picture->end, DEAD, INT64_MAX);
  if (decay) write_trace(script, picture->trace, curves, count);
  const bool panels = decay && any_drawn(curves, count);
  if (panels) fputs("set multiplot layout 1,2\n", script);
  write_text(script, "title", picture->title);
  write_labels(script, &v, picture->path);
  if (v.dim == 1)
    write_line(script, picture, dead);
  else
    write_plane(script, picture, alive, dead);
  if (panels) {
    write_decay(script, curves, count, picture->trace->rows[picture->trace->row_count - 1].values[CLI_STEP]);
    fputs("unset multiplot\n", script);
  }
  if (v.dim > 2) cli_components_free(&v.components);
  return !ferror(script) || cli_fail("the script for gnuplot can't be written");
}
