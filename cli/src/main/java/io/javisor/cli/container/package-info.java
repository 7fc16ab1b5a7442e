/**
 * The commands for containers, with docker's words where they mean the same: {@code run IMAGE}, {@code create}, {@code exec} and so on. Nothing of it is
 * loaded for machines.
 */
@NullMarked
package io.javisor.cli.container;

import org.jspecify.annotations.NullMarked;
