/** How a program uses a machine: requests and answers of its control socket, without the way that they travel. */
@NullMarked
package io.javisor.api;

import org.jspecify.annotations.NullMarked;
