#pragma once

#include <libpq-fe.h>
/* What interrupts a thread that waits for the socket of a session. */
#include <sys/eventfd.h>
