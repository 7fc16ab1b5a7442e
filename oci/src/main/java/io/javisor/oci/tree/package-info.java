/** The file system that an image's layers give together (OCI image-spec 1.1, layer.md, "Applying Changesets"). */
@NullMarked
package io.javisor.oci.tree;

import org.jspecify.annotations.NullMarked;
