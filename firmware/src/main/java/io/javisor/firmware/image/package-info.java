/** Image files as the user hands them over: what they are, and the one error they can give. */
@NullMarked
package io.javisor.firmware.image;

import org.jspecify.annotations.NullMarked;
