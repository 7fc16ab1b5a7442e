/** The PC's CMOS clock (Motorola MC146818A) with its battery-backed RAM. */
@NullMarked
package io.javisor.devices.rtc;

import org.jspecify.annotations.NullMarked;
