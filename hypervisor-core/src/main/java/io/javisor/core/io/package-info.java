/** A file's positioned I/O without waiting for it: through io_uring, or on the worker pool. */
@NullMarked
package io.javisor.core.io;

import org.jspecify.annotations.NullMarked;
