/** Whether this host can run machines, and what would mend it where it can't. Loaded by nobody who only runs one. */
@NullMarked
package io.javisor.machine.doctor;

import org.jspecify.annotations.NullMarked;
