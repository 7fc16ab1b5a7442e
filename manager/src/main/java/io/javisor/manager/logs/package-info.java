/** What machines and their processes have written, read while it is written. */
@NullMarked
package io.javisor.manager.logs;

import org.jspecify.annotations.NullMarked;
