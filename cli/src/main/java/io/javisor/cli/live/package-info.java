/** Machines of the registry at run: in this process, or started in one of their own. */
@NullMarked
package io.javisor.cli.live;

import org.jspecify.annotations.NullMarked;
