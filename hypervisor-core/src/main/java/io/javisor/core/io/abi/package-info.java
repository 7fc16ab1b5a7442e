/** Layouts and constants of io_uring. */
@NullMarked
package io.javisor.core.io.abi;

import org.jspecify.annotations.NullMarked;
