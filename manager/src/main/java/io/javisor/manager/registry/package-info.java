/** The machines of a user: their names, what is kept of them on disk, and what state they are in. */
@NullMarked
package io.javisor.manager.registry;

import org.jspecify.annotations.NullMarked;
