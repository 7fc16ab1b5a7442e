/**
 * Images in directories and archives (OCI image-spec 1.1, image-layout.md; docker save's archive), to read and to write. An archive is not unpacked: its
 * names are looked up and never become paths. Knows no registry and no store.
 */
@NullMarked
package io.javisor.oci.archive;

import org.jspecify.annotations.NullMarked;
