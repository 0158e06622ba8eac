# Proposition 3.6: KL and densities over time in three geometries, whose colors are those of the titles; a row a potential. Set before: here (this folder), in (what the
# names of the program's files begin with), out.
width = 2000; height = 1750
load here.'/style.gp'
array scenes[4] = ['quadratic', 'quartic', 'double-well', 'balanced']
array titles[4] = ['V = x^2/2', 'V = x^2/2 + x^4/4', 'two wells', 'two wells, balanced']
array side[4] = [4.2, 3.2, 2.4, 2.4]
array last[4] = [2, 2, 5, 2]
array most[4] = [0.8, 0.9, 1.8, 1.8]
array names[3] = ['wasserstein', 'spherical-ift', 'spherical-wfr']
array labels[3] = ['Wasserstein', 'spherical IFT', 'spherical WFR']
array shade[3] = [color[1], color[3], color[4]]
set palette defined (0 '#ffffff', 0.25 '#c6dbef', 0.6 '#4a90c2', 1 '#08306b')
unset colorbox
set multiplot layout 4, 4 margins 0.045, 0.985, 0.06, 0.965 spacing 0.04, 0.075
do for [s = 1:4] {
  curves = in.'-'.scenes[s].'.csv'
  densities = in.'-'.scenes[s].'-density.csv'
  set xlabel s == 4 ? 't' : '' textcolor rgb '#3c4043'
  set xrange [0:last[s]]
  set logscale y
  set format y '10^{%T}'
  set yrange [1e-8:10]
  set title 'KL, '.titles[s] textcolor rgb '#202124'
  set key bottom left Left reverse samplen 1.5
  plot for [k = 1:3] curves using 't':names[k] with lines linewidth 2 linecolor rgb shade[k] notitle, \
       curves using 't':(s < 3 ? column('bound') : NaN) with lines linewidth 2 dashtype 2 linecolor rgb red title s < 3 ? 'e^{-2t} KL_0' : ''
  unset key
  unset logscale y
  set format y '%g'
  set yrange [-side[s]:side[s]]
  set ytics 1
  set cbrange [0:most[s]]
  do for [k = 1:3] {
    set title 'density, '.labels[k] textcolor rgb shade[k]
    plot densities using 't':'x':names[k] with image notitle
  }
  set ytics autofreq
}
unset multiplot
