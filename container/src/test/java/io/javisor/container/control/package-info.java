/** Processes of a container over its control socket, with the agent of {@code guest/agent} as a process of this host. */
@NullMarked
package io.javisor.container.control;

import org.jspecify.annotations.NullMarked;
