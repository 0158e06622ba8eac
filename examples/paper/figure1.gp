# Figure 1: where the particles of one run end. Set before: here (this folder), in (the points), curves, out.
width = 2100; height = 670
load here.'/style.gp'
array names[2] = ['mmd-flow', 'ift']
array labels[2] = ['MMD flow: particles stuck', 'IFT: their mass is elsewhere']
those(what, test) = "< awk -F, '$1 == \"".what."\" && $4 ".test."' ".in
set multiplot layout 1, 3 margins 0.03, 0.985, 0.12, 0.92 spacing 0.045, 0
set xrange [-4:12]
set yrange [-4:12]
set size ratio -1
set xtics 2
set ytics 2
set key top left Left reverse samplen 1 spacing 1.2
stats those('ift', '> 0') using 4 nooutput
largest = STATS_max
# a disk's area says the weight, in units of 1/100
do for [k = 1:2] {
  set title labels[k] textcolor rgb '#202124'
  plot those('target', '>= 0') using 2:3 with points pointtype 7 pointsize 0.7 linecolor rgb green title 'target', \
       those('start', '>= 0') using 2:3 with points pointtype 7 pointsize 0.7 linecolor rgb red title 'start', \
       those(names[k], '> 0') using 2:3:(1.1 * sqrt(100 * $4)) with points pointtype 7 pointsize variable \
         linecolor rgb '#802171b5' title 'end, area as weight', \
       those(names[k], k == 1 ? '>= 0' : '== 0') using 2:3 with points pointtype 6 pointsize (k == 1 ? 0 : 1.4) linewidth 1 \
         linecolor rgb '#5f6368' title k == 1 ? '' : 'end, weight 0'
}
set size noratio
set title 'Mass farther than 4 deviations from the target' textcolor rgb '#202124'
set xrange [0:6000]
set xtics 2000
set yrange [0.001:1]
set logscale y
set ytics auto
set format y '10^{%T}'
set xlabel 'steps' textcolor rgb '#3c4043'
set key top right
plot curves using 1:3 with lines linewidth 2 linecolor rgb color[1] title 'MMD flow', \
     curves using 1:5 with lines linewidth 2 linecolor rgb color[3] title 'IFT'
unset multiplot
