@NullMarked
package io.javisor.firmware.image;

import org.jspecify.annotations.NullMarked;
