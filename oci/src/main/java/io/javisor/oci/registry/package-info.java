/**
 * Registries of images, asked over HTTP (OCI distribution-spec 1.1): images to pull and to push, what is configured of
 * each registry, and the credentials that it takes.
 */
@NullMarked
package io.javisor.oci.registry;

import org.jspecify.annotations.NullMarked;
