// The machine's network card.
#ifndef NETWORK_H
#define NETWORK_H
#include "draft.h"
#include "failure.h"
#include <stdbool.h>

bool network_up_loopback(struct failure *failure);

// Gives the first card that is not the loopback interface its address and its route to all others, unless the field is not given.
bool network_up(const struct network_field *network, struct failure *failure);
#endif
