/** Terminals of this host, typed at by the tests. */
@NullMarked
package io.javisor.container.terminal;

import org.jspecify.annotations.NullMarked;
