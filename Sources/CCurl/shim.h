#pragma once

#include <curl/curl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* Swift imports no variadic functions: one typed function for each kind of argument. */

static inline CURLcode freshet_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode freshet_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode freshet_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode freshet_set_pointer(CURL *easy, CURLoption option, const void *value) {
  return curl_easy_setopt(easy, option, value);
}

typedef size_t (*freshet_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode freshet_set_callback(CURL *easy, CURLoption option, freshet_data_callback callback) {
  return curl_easy_setopt(easy, option, callback);
}

typedef curl_socket_t (*freshet_open_callback)(void *context, curlsocktype purpose, struct curl_sockaddr *address);
typedef int (*freshet_ready_callback)(void *context, char *remote, char *local, int remote_port, int local_port);

/* The first is asked before each connection is opened, the second before a request goes out on one, kept or new. */
static inline CURLcode freshet_set_guard(CURL *easy, freshet_open_callback open, freshet_ready_callback ready,
                                         void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, ready);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
  return code;
}

/* The address in network order; its size, 4 or 16, or 0 for a family that has none. */
static inline int freshet_address_bytes(const struct curl_sockaddr *address, unsigned char bytes[16]) {
  switch (address->family) {
  case AF_INET:
    memcpy(bytes, &((const struct sockaddr_in *)&address->addr)->sin_addr, 4);
    return 4;
  case AF_INET6:
    memcpy(bytes, &((const struct sockaddr_in6 *)&address->addr)->sin6_addr, 16);
    return 16;
  default:
    return 0;
  }
}

static inline curl_socket_t freshet_open_socket(const struct curl_sockaddr *address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline long freshet_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

static inline curl_off_t freshet_get_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

static inline void *freshet_get_private(CURL *easy) {
  void *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
  return value;
}

static inline CURLMcode freshet_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

typedef int (*freshet_socket_callback)(CURL *easy, curl_socket_t socket, int what, void *context, void *assigned);
typedef int (*freshet_timer_callback)(CURLM *multi, long milliseconds, void *context);

static inline void freshet_multi_set_callbacks(CURLM *multi, freshet_socket_callback socket,
                                               freshet_timer_callback timer, void *context) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

static inline CURLcode freshet_message_result(const CURLMsg *message) { return message->data.result; }

static inline void freshet_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
