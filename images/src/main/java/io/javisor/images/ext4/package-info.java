/** A reader for ext2, ext3 and ext4. It writes nothing, trusts nothing, and does bounded work. */
@NullMarked
package io.javisor.images.ext4;

import org.jspecify.annotations.NullMarked;
