/** Disk images as the host reads them before the guest starts: partition tables, and what a file system's reader offers. Read-only. */
@NullMarked
package io.javisor.images.disk;

import org.jspecify.annotations.NullMarked;
