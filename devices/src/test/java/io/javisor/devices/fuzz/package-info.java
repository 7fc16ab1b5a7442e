/** What the fuzz targets of the devices share. */
@NullMarked
package io.javisor.devices.fuzz;

import org.jspecify.annotations.NullMarked;
