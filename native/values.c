/* Reads JavaScript values into C and makes them from C. */
#define _GNU_SOURCE
#include "netevd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct addon *addon_of(napi_env env) {
  void *data = NULL;
  return napi_get_instance_data(env, &data) == napi_ok ? data : NULL;
}

napi_value throw_errno(napi_env env, const char *what, int error) {
  const char *name = strerrorname_np(error);
  char message[256];
  snprintf(message, sizeof message, "%s: %s (%s)", what, strerrordesc_np(error) ? strerrordesc_np(error) : "unknown error",
           name ? name : "?");
  napi_value code, text, object;
  if (napi_create_string_utf8(env, name ? name : "EUNKNOWN", NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text) != napi_ok ||
      napi_create_error(env, code, text, &object) != napi_ok)
    return NULL;
  set_number(env, object, "errno", error);
  napi_throw(env, object);
  return NULL;
}

napi_value throw_usage(napi_env env, const char *usage) {
  bool pending = false;
  /* A getter or a failed allocation may have thrown already; that exception is more precise. */
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) napi_throw_type_error(env, NULL, usage);
  return NULL;
}

bool read_args(napi_env env, napi_callback_info info, size_t want, napi_value *args) {
  size_t count = want;
  return napi_get_cb_info(env, info, &count, args, NULL, NULL) == napi_ok && count >= want;
}

bool read_bytes(napi_env env, napi_value value, struct bytes *bytes) {
  napi_typedarray_type type;
  napi_value buffer;
  size_t offset;
  void *data = NULL;
  bool typed = false;
  if (!value || napi_is_typedarray(env, value, &typed) != napi_ok || !typed) return false;
  if (napi_get_typedarray_info(env, value, &type, &bytes->length, &data, &buffer, &offset) != napi_ok) return false;
  bytes->data = data;
  return type == napi_uint8_array;
}

bool read_int32(napi_env env, napi_value value, int32_t *number) {
  return value && napi_get_value_int32(env, value, number) == napi_ok;
}

bool read_int64(napi_env env, napi_value value, int64_t *number) {
  return value && napi_get_value_int64(env, value, number) == napi_ok;
}

char *read_string(napi_env env, napi_value value, size_t *length) {
  size_t size = 0;
  if (!value || napi_get_value_string_utf8(env, value, NULL, 0, &size) != napi_ok) return NULL;
  char *text = malloc(size + 1);
  if (!text) return NULL;
  if (napi_get_value_string_utf8(env, value, text, size + 1, &size) != napi_ok) {
    free(text);
    return NULL;
  }
  if (length) {
    *length = size;
  } else if (strlen(text) != size) {
    free(text);
    return NULL;
  }
  return text;
}

void free_strings(char **strings) {
  if (!strings) return;
  for (char **each = strings; *each; each++) free(*each);
  free(strings);
}

char **read_strings(napi_env env, napi_value value) {
  uint32_t count = 0;
  bool array = false;
  if (!value || napi_is_array(env, value, &array) != napi_ok || !array) return NULL;
  if (napi_get_array_length(env, value, &count) != napi_ok) return NULL;
  char **strings = calloc((size_t)count + 1, sizeof *strings);
  for (uint32_t i = 0; strings && i < count; i++) {
    napi_value element;
    if (napi_get_element(env, value, i, &element) != napi_ok || !(strings[i] = read_string(env, element, NULL))) {
      free_strings(strings);
      return NULL;
    }
  }
  return strings;
}

uint32_t *read_uint32s(napi_env env, napi_value value, size_t *count) {
  uint32_t length = 0;
  bool array = false;
  if (!value || napi_is_array(env, value, &array) != napi_ok || !array) return NULL;
  if (napi_get_array_length(env, value, &length) != napi_ok) return NULL;
  uint32_t *numbers = calloc((size_t)length + 1, sizeof *numbers);
  for (uint32_t i = 0; numbers && i < length; i++) {
    napi_value element;
    if (napi_get_element(env, value, i, &element) != napi_ok ||
        napi_get_value_uint32(env, element, &numbers[i]) != napi_ok) {
      free(numbers);
      return NULL;
    }
  }
  *count = length;
  return numbers;
}

napi_value get_property(napi_env env, napi_value object, const char *name) {
  napi_value value = NULL;
  return napi_get_named_property(env, object, name, &value) == napi_ok ? value : NULL;
}

static void set_value(napi_env env, napi_value object, const char *name, napi_value value) {
  if (value) napi_set_named_property(env, object, name, value);
}

void set_number(napi_env env, napi_value object, const char *name, double number) {
  set_value(env, object, name, make_number(env, number));
}

void set_bool(napi_env env, napi_value object, const char *name, bool value) {
  napi_value boolean = NULL;
  if (napi_get_boolean(env, value, &boolean) == napi_ok) set_value(env, object, name, boolean);
}

void set_null(napi_env env, napi_value object, const char *name) { set_value(env, object, name, make_null(env)); }

void set_string(napi_env env, napi_value object, const char *name, const char *text) {
  napi_value string = NULL;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &string) == napi_ok) set_value(env, object, name, string);
}

void set_bytes(napi_env env, napi_value object, const char *name, const void *data, size_t length) {
  set_value(env, object, name, make_bytes(env, data, length));
}

napi_value make_number(napi_env env, double number) {
  napi_value value = NULL;
  return napi_create_double(env, number, &value) == napi_ok ? value : NULL;
}

napi_value make_bytes(napi_env env, const void *data, size_t length) {
  napi_value buffer, array = NULL;
  void *target = NULL;
  if (napi_create_arraybuffer(env, length, &target, &buffer) != napi_ok) return NULL;
  if (length > 0) memcpy(target, data, length);
  return napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array) == napi_ok ? array : NULL;
}

napi_value make_null(napi_env env) {
  napi_value value = NULL;
  return napi_get_null(env, &value) == napi_ok ? value : NULL;
}

void raise_pending(napi_env env) {
  bool pending = false;
  napi_value exception;
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
}

napi_status define_methods(napi_env env, napi_value exports, const struct method *methods, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    napi_status status = napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, methods[i].run, NULL, &function);
    if (status == napi_ok) status = napi_set_named_property(env, exports, methods[i].name, function);
    if (status != napi_ok) return status;
  }
  return napi_ok;
}
