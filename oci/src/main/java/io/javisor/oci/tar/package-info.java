/**
 * Tar archives (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; GNU tar's manual, "Tar Internals"), read and written as streams. Names are bytes: strings of them
 * are ISO 8859-1.
 */
@NullMarked
package io.javisor.oci.tar;

import org.jspecify.annotations.NullMarked;
