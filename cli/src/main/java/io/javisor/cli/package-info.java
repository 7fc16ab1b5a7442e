/** The command line: commands, terminal, messages and exit statuses. */
@NullMarked
package io.javisor.cli;

import org.jspecify.annotations.NullMarked;
