/** Builders of what a guest boots from: kernels, disks, file systems. They say whatever they are told, true or not. */
@NullMarked
package io.javisor.testkit.image;

import org.jspecify.annotations.NullMarked;
