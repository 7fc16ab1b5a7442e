/** What tests make of the host: namespaces, sockets, threads that may do less. */
@NullMarked
package io.javisor.testkit.host;

import org.jspecify.annotations.NullMarked;
