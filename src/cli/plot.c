/* --plot: from a picture to a file. */
#include "cli/plot.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "cli/gnuplot.h"
#include "cli/message.h"

static bool find_format(cli_plot_format *format, const char *name) {
  static const struct {
    const char *ending;
    cli_plot_format format;
  } formats[] = {{".svg", CLI_SVG}, {".png", CLI_PNG}, {".gp", CLI_SCRIPT}};
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && i < sizeof formats / sizeof formats[0]; i++)
    if (strcasecmp(dot, formats[i].ending) == 0) {
      *format = formats[i].format;
      return true;
    }
  return cli_fail("--plot %s: the name has to end in .svg or .png, or in .gp for the gnuplot script", name);
}

bool cli_plot_prepare(cli_plot *plot, const char *name) {
  *plot = (cli_plot){.format = CLI_SCRIPT};
  if (!name) return cli_output_prepare(&plot->output, "--plot", NULL);
  if (!find_format(&plot->format, name)) return false;
  if (plot->format != CLI_SCRIPT && !cli_gnuplot_found())
    return cli_fail("--plot %s: gnuplot draws it, and there is no gnuplot in PATH; install gnuplot, or give a name "
                    "that ends in .gp "
                    "to get the script",
                    name);
  return cli_output_prepare(&plot->output, "--plot", name);
}

static bool draw(cli_plot *plot, const cli_picture *picture, FILE *script, FILE *out) {
  if (!cli_script_write(script, plot->format, picture)) return false;
  if (fflush(script) != 0) return cli_fail("no temporary file for gnuplot: %s", strerror(errno));
  return cli_gnuplot_run(script, out);
}

bool cli_plot_draw(cli_plot *plot, const cli_picture *picture) {
  if (plot->output.kind == CLI_NOWHERE) return true;
  FILE *out = cli_output_open(&plot->output);
  if (!out) return false;
  bool drawn;
  if (plot->format == CLI_SCRIPT) {
    drawn = cli_script_write(out, plot->format, picture);
  } else {
    FILE *script = tmpfile();
    drawn = script ? draw(plot, picture, script, out) : cli_fail("no temporary file for gnuplot: %s", strerror(errno));
    if (script) fclose(script);
  }
  return drawn && cli_output_close(&plot->output);
}
