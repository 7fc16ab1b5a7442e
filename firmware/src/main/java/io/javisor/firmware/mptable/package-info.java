/** The MP configuration table (Intel MultiProcessor Specification 1.4, chapter 4). */
@NullMarked
package io.javisor.firmware.mptable;

import org.jspecify.annotations.NullMarked;
