/* Kernels from text: "0.5*gaussian:1 + 0.5*imq:2,0.5". */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "kernel/kernel.h"

typedef struct parser {
  ift_context *context;
  const char *text; /* the whole specification, for messages */
  const char *at;
} parser;

static ift_status wrong(const parser *p, const char *what) {
  return ift_fail(p->context, IFT_ERR_OPTION, "kernel '%.80s', character %lld: %s", p->text,
                  (long long)(p->at - p->text) + 1, what);
}

static void skip_spaces(parser *p) {
  while (*p->at == ' ' || *p->at == '\t') p->at++;
}

static bool take(parser *p, char c) {
  skip_spaces(p);
  if (*p->at != c) return false;
  p->at++;
  return true;
}

/* A decimal number: strtod would also take "nan" and "inf", and the hexadecimal that nobody means here. */
static bool take_number(parser *p, double *out) {
  skip_spaces(p);
  const char *digit = p->at + (*p->at == '-' || *p->at == '+');
  const bool decimal = (*digit >= '0' && *digit <= '9') || *digit == '.';
  const bool hexadecimal = digit[0] == '0' && (digit[1] == 'x' || digit[1] == 'X');
  if (!decimal || hexadecimal) return false;
  return ift_number_read(p->at, &p->at, out);
}

static const ift_kernel_kind *take_kind(parser *p) {
  skip_spaces(p);
  size_t length = 0;
  while ((p->at[length] >= 'a' && p->at[length] <= 'z') || (p->at[length] >= '0' && p->at[length] <= '9')) length++;
  for (int i = 0; i < ift_kernel_kind_count; i++)
    if (strlen(ift_kernel_kinds[i]->name) == length && strncmp(ift_kernel_kinds[i]->name, p->at, length) == 0) {
      p->at += length;
      return ift_kernel_kinds[i];
    }
  return NULL;
}

static ift_status unknown_kind(const parser *p) {
  char names[256] = "unknown kernel; there are";
  for (int i = 0; i < ift_kernel_kind_count; i++) {
    const size_t used = strlen(names);
    ift_number_print(names + used, sizeof names - used, "%s %s", i ? "," : "", ift_kernel_kinds[i]->name);
  }
  return wrong(p, names);
}

/* COEFFICIENT*KIND:NUMBER,NUMBER, the coefficient and its star optional. */
static ift_status take_part(parser *p, ift_kernel **out, double *coefficient) {
  *coefficient = 1;
  skip_spaces(p);
  const char *start = p->at; /* where what turns out to be wrong begins */
  if (take_number(p, coefficient)) {
    if (!(*coefficient > 0) || !isfinite(*coefficient)) {
      p->at = start;
      return wrong(p, "a coefficient must be finite and > 0");
    }
    if (!take(p, '*')) return wrong(p, "after a coefficient comes *");
    skip_spaces(p);
    start = p->at;
  }
  const ift_kernel_kind *kind = take_kind(p);
  if (!kind) return unknown_kind(p);
  double parameters[IFT_PAIR_PARAMETERS];
  int given = 0;
  char how[128];
  ift_number_print(how, sizeof how, "this kernel is written %s", kind->spec);
  if (take(p, ':')) {
    do {
      if (given == kind->parameters) return wrong(p, how);
      if (!take_number(p, &parameters[given++])) return wrong(p, how);
    } while (take(p, ','));
  }
  if (given < kind->required) return wrong(p, how);
  const ift_status status = ift_kernel_create(p->context, out, kind, parameters, given);
  if (status != IFT_ERR_ARGUMENT) return status;
  char message[IFT_MESSAGE_SIZE]; /* what ift_kernel_create found, with the place in front */
  strcpy(message, p->context->message);
  p->at = start;
  return wrong(p, message);
}

ift_status ift_kernel_parse(ift_context *context, ift_kernel **out, const char *spec) {
  if (out) *out = NULL;
  if (!context || !out || !spec)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the context, the kernel's place or its specification is NULL");
  parser p = {context, spec, spec};
  ift_kernel *parts[IFT_KERNEL_PARTS];
  double coefficients[IFT_KERNEL_PARTS];
  int count = 0;
  ift_status status = IFT_OK;
  do {
    if (count == IFT_KERNEL_PARTS)
      status = wrong(&p, "too many parts; allowed are 64");
    else if ((status = take_part(&p, &parts[count], &coefficients[count])) == IFT_OK)
      count++;
  } while (status == IFT_OK && take(&p, '+'));
  if (status == IFT_OK && *p.at) status = wrong(&p, "here should be a + or the end");
  if (status == IFT_OK && count == 1 && coefficients[0] == 1) {
    *out = parts[0];
    return IFT_OK;
  }
  if (status == IFT_OK) status = ift_kernel_sum(context, out, (const ift_kernel *const *)parts, coefficients, count);
  for (int i = 0; i < count; i++) ift_kernel_destroy(parts[i]);
  return status;
}
