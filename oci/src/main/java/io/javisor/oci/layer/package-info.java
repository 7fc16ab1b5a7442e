/**
 * Layers of images (OCI image-spec 1.1, layer.md): one pass over a layer's tar writes the contents of its files where a disk has them, and a table of what is in it.
 */
@NullMarked
package io.javisor.oci.layer;

import org.jspecify.annotations.NullMarked;
