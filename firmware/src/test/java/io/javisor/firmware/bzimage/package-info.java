@NullMarked
package io.javisor.firmware.bzimage;

import org.jspecify.annotations.NullMarked;
