/** Boot entries after the Boot Loader Specification (uapi-group.org/specifications/specs/boot_loader_specification), and its order of versions. */
@NullMarked
package io.javisor.images.bls;

import org.jspecify.annotations.NullMarked;
