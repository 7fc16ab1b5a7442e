/** What a registry demands to know of who asks, as it says it: the challenges of HTTP (RFC 9110 §11). */
@NullMarked
package io.javisor.oci.registry.auth;

import org.jspecify.annotations.NullMarked;
