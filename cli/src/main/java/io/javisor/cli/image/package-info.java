/**
 * The commands for container images, with docker's words where they mean the same: {@code pull}, {@code images} and so on. Nothing of it is loaded
 * for other commands.
 */
@NullMarked
package io.javisor.cli.image;

import org.jspecify.annotations.NullMarked;
