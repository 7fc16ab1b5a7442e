/** A person's terminal, or what is in its place, in front of a process that is elsewhere. Knows neither containers nor machines. */
@NullMarked
package io.javisor.container.terminal;

import org.jspecify.annotations.NullMarked;
