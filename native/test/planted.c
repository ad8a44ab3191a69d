/*
 * An addon with planted bugs. sanitize.sh runs each of them once, to prove that the checks of the real addon
 * would find it: a preload without effect, or a suppression that is too wide, looks exactly like clean code.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static napi_value overflow(napi_env env, napi_callback_info info) {
  napi_value result;
  size_t count = 0;
  napi_get_cb_info(env, info, &count, NULL, NULL, NULL); /* count: 0, but the compiler does not know */
  char *bytes = malloc(16);
  memset(bytes, 1, 17 + count);
  napi_create_int32(env, bytes[3], &result);
  free(bytes);
  return result;
}

static napi_value use_after_free(napi_env env, napi_callback_info info) {
  napi_value result;
  size_t count = 0;
  napi_get_cb_info(env, info, &count, NULL, NULL, NULL);
  volatile char *bytes = malloc(16 + count);
  bytes[3] = 1;
  free((void *)(uintptr_t)bytes);
  napi_create_int32(env, bytes[3], &result);
  return result;
}

static napi_value leak(napi_env env, napi_callback_info info) {
  (void)env;
  size_t count = 0;
  napi_get_cb_info(env, info, &count, NULL, NULL, NULL);
  for (int i = 0; i < 20; i++) {
    volatile char *bytes = malloc(1000 + count);
    bytes[0] = 1;
  }
  return NULL;
}

static napi_value undefined(napi_env env, napi_callback_info info) {
  napi_value result;
  size_t count = 0;
  napi_get_cb_info(env, info, &count, NULL, NULL, NULL);
  int32_t number = INT32_MAX - (int32_t)count;
  napi_create_int32(env, number + 1, &result);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback run;
  } mistakes[] = {{"overflow", overflow}, {"useAfterFree", use_after_free}, {"leak", leak}, {"undefined", undefined}};
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
    napi_value function;
    napi_create_function(env, mistakes[i].name, NAPI_AUTO_LENGTH, mistakes[i].run, NULL, &function);
    napi_set_named_property(env, exports, mistakes[i].name, function);
  }
  return exports;
}
