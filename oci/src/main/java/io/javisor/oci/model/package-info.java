/**
 * What an image's documents say: manifests, indexes of manifests, configurations (OCI image-spec 1.1; docker's manifest-v2-2.md and image-spec 1.3). Read
 * strictly in what is used, with bounds on everything; what is not known is passed over, and a null is as good as nothing.
 */
@NullMarked
package io.javisor.oci.model;

import org.jspecify.annotations.NullMarked;
