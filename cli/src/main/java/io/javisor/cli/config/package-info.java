/** What a user says a machine is to be, by options and by a file, before it is a {@code MachineConfig}. */
@NullMarked
package io.javisor.cli.config;

import org.jspecify.annotations.NullMarked;
