/**
 * A user's images on disk: contents by digest, layers as machines read them, and the names they go by. Several processes use one store at once. Knows no registry and no
 * guest.
 */
@NullMarked
package io.javisor.oci.store;

import org.jspecify.annotations.NullMarked;
