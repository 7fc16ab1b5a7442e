/** What tests of images share. */
@NullMarked
package io.javisor.oci.testing;

import org.jspecify.annotations.NullMarked;
