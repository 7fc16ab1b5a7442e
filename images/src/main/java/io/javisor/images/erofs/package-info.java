/**
 * EROFS, the read-only file system of Linux that container images are given to guests as (Documentation/filesystems/erofs.rst,
 * fs/erofs/erofs_fs.h of Linux 6.1): a writer of its metadata over file data that lies elsewhere, and a reader.
 */
@NullMarked
package io.javisor.images.erofs;

import org.jspecify.annotations.NullMarked;
