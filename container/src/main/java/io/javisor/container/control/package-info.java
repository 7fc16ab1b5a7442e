/**
 * A container's processes from outside its own: what its control socket answers and what a client asks of it. Bytes go by connections of their own,
 * copied by a thread each, which holds one buffer: a reader that waits has the writer wait.
 */
@NullMarked
package io.javisor.container.control;

import org.jspecify.annotations.NullMarked;
