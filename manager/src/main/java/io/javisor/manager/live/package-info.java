/** Machines of the registry at run: in this process, or in one of their own, which is started, asked and ended from here. */
@NullMarked
package io.javisor.manager.live;

import org.jspecify.annotations.NullMarked;
