/* gnuplot as a child process: script in, picture out, no shell and no names of files between them. */
#define _POSIX_C_SOURCE 200809L
#include "cli/gnuplot.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/message.h"

bool cli_gnuplot_found(void) {
  const char *path = getenv("PATH");
  while (path && *path) {
    char candidate[4200];
    const int length = (int)strcspn(path, ":");
    if (length < 4096) {
      snprintf(candidate, sizeof candidate, "%.*s%sgnuplot", length, path, length ? "/" : "./");
      if (access(candidate, X_OK) == 0) return true;
    }
    path += length;
    path += *path == ':';
  }
  return false;
}

/* The child: a Ctrl-C on the terminal is the command's business, which lets it finish. --default-settings: no file
 * of the user's is read. */
static void become_gnuplot(int script, int picture, int complaints) {
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
  if (dup2(script, STDIN_FILENO) < 0 || dup2(picture, STDOUT_FILENO) < 0 || dup2(complaints, STDERR_FILENO) < 0)
    _exit(127);
  execlp("gnuplot", "gnuplot", "--default-settings", (char *)NULL);
  _exit(127);
}

/* The last line that gnuplot complained with says why. */
static bool complain(FILE *complaints, int state) {
  char line[512], last[512] = "it can't be run";
  if (WIFEXITED(state) && WEXITSTATUS(state) != 127) snprintf(last, sizeof last, "exit status %d", WEXITSTATUS(state));
  rewind(complaints);
  while (fgets(line, sizeof line, complaints)) {
    line[strcspn(line, "\n")] = '\0';
    if (line[strspn(line, " \t^")]) memcpy(last, line, sizeof last);
  }
  return cli_fail("gnuplot failed: %s", last + strspn(last, " \t"));
}

bool cli_gnuplot_run(FILE *script, FILE *picture) {
  FILE *complaints = tmpfile();
  if (!complaints || fflush(script) != 0 || fflush(picture) != 0 || fseek(script, 0, SEEK_SET) != 0) {
    if (complaints) fclose(complaints);
    return cli_fail("no temporary file for gnuplot: %s", strerror(errno));
  }
  int state = -1;
  const pid_t child = fork();
  if (child == 0) become_gnuplot(fileno(script), fileno(picture), fileno(complaints));
  pid_t ended = child;
  if (child > 0) do
      ended = waitpid(child, &state, 0);
    while (ended < 0 && errno == EINTR);
  const bool drawn = child > 0 && ended == child && WIFEXITED(state) && WEXITSTATUS(state) == 0;
  if (!drawn) complain(complaints, state);
  fclose(complaints);
  return drawn;
}
